import { reference } from "../../../../lib/engine/reference/engine.ts"
import { convolutionLaws } from "../../../laws/convolution.ts"
import { engineLaws } from "../../../laws/engine.ts"
import { goldenKernelLaws } from "../../../laws/golden-kernels.ts"

engineLaws(reference)
goldenKernelLaws(reference)
convolutionLaws(reference)
