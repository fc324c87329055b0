import { onnx } from "../../../../lib/engine/onnx/engine.ts"
import { convolutionLaws } from "../../../laws/convolution.ts"
import { computationLaws, engineLaws } from "../../../laws/engine.ts"
import { goldenKernelLaws } from "../../../laws/golden-kernels.ts"

engineLaws(onnx)
computationLaws(onnx)
goldenKernelLaws(onnx)
convolutionLaws(onnx)

const again = { ...onnx, name: "onnx with two threads, computing layers again" }
computationLaws(again, { threads: 2, recompute: true })
goldenKernelLaws(again, { threads: 2, recompute: true })
