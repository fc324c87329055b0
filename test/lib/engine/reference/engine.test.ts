import { reference } from "../../../../lib/engine/reference/engine.ts"
import { engineLaws } from "../../../laws/engine.ts"

engineLaws(reference)
