import { tensorflow } from "../../lib/engine/tensorflow/engine.ts"
import { convolutionLaws } from "../laws/convolution.ts"
import { computationLaws, engineLaws } from "../laws/engine.ts"
import { goldenKernelLaws } from "../laws/golden-kernels.ts"

const engine = tensorflow({ device: "cpu" })

engineLaws(engine)
computationLaws(engine)
goldenKernelLaws(engine)
convolutionLaws(engine, { threads: 1 }, 12)
computationLaws({ ...engine, name: "tensorflow, computing layers again" }, { threads: 1, recompute: true })
