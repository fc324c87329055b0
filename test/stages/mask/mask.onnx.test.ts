import { afterAll } from "vitest"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { imageMaskLaws, sameImageMasks } from "../../laws/image-mask-laws.ts"
import { onEngine } from "../../laws/on-engine.ts"
import { eagerly } from "../../laws/run-stage.ts"
import { sameTokenMasks, tokenMaskLaws } from "../../laws/token-mask-laws.ts"

const { prepare, close } = onEngine(onnx)
afterAll(close)

imageMaskLaws("ONNX Runtime", prepare)
tokenMaskLaws("ONNX Runtime", prepare)
sameImageMasks("ONNX Runtime", prepare, eagerly)
sameTokenMasks("ONNX Runtime", prepare, eagerly)
