import { onnx } from "../../../../lib/engine/onnx/engine.ts"
import { computationLaws, engineLaws } from "../../../laws/engine.ts"

engineLaws(onnx)
computationLaws(onnx)
computationLaws({ ...onnx, name: "onnx with two threads, computing layers again" }, { threads: 2, recompute: true })
