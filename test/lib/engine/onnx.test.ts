import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { computationLaws, engineLaws } from "../../laws/engine.ts"

engineLaws(onnx)
computationLaws(onnx)
