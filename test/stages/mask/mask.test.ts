import { imageMaskLaws } from "../../laws/image-mask-laws.ts"
import { eagerly } from "../../laws/run-stage.ts"
import { tokenMaskLaws } from "../../laws/token-mask-laws.ts"

imageMaskLaws("tfjs, eagerly", eagerly)
tokenMaskLaws("tfjs, eagerly", eagerly)
