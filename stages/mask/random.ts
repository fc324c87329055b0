import { fraction, setting } from "../../lib/pipeline/settings.ts"
import { strategy } from "../../lib/pipeline/strategy.ts"
import { named } from "../../lib/tensor/tensor.ts"
import { largest, maskedCount } from "./choice.ts"
import { imagePart } from "./image.ts"
import { orderNoise } from "./noise.ts"

/** Masks exactly round(ratio · N) patches, uniformly (He et al. 2022). Throws a `SettingsError`. */
export const random = strategy("random", { ratio: setting(fraction, 0.75) }, ({ ratio }) =>
  imagePart({
    reads: {},
    noise: { maskOrder: orderNoise("patches") },
    choose: ({ noise, sizes }) =>
      largest(named(noise["maskOrder"]!, "batch", "patches"), maskedCount(ratio, sizes["patches"]!), "masked")
  })
)
