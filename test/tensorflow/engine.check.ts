import { tensorflow } from "../../lib/engine/tensorflow/engine.ts"
import { computationLaws, engineLaws } from "../laws/engine.ts"
import { goldenKernelLaws } from "../laws/golden-kernels.ts"

const engine = tensorflow({ device: "cpu" })

engineLaws(engine)
computationLaws(engine)
goldenKernelLaws(engine)
computationLaws({ ...engine, name: "tensorflow, computing layers again" }, { threads: 1, recompute: true })
