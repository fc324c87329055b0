import { clsToken, patchTokens } from "../../lib/nn/tokens.ts"
import { part } from "../../lib/pipeline/part.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import { bert, bertSpecs } from "./bert.ts"
import type { Model } from "./model.ts"
import { project, projectionSpecs } from "./projection.ts"
import { maskTokenSpecs, vit, vitSpecs } from "./vit.ts"

const image = states("float32", "batch", "patches+1", "width")
const text = states("float32", "batch", "tokens", "width")
const tokenMask = tensor("bool", "batch", "tokens")
const patches = tensor("float32", "batch", "patches", "pixels")

/** The image and its text as they are, with their projections (those that nobody reads cost nothing once compiled). */
const whole = (model: Model) =>
  part({
    reads: { patches, tokens: tensor("int32", "batch", "tokens"), tokenMask },
    adds: {
      imageStates: image,
      textStates: text,
      imageEmbedding: states("float32", "batch", "embedding"),
      textEmbedding: states("float32", "batch", "embedding"),
      patchEmbedding: states("float32", "batch", "patches", "embedding"),
      tokenEmbedding: states("float32", "batch", "tokens", "embedding")
    },
    parameters: (sizes) => ({ ...vitSpecs(model, sizes), ...bertSpecs(model), ...projectionSpecs(model) }),
    apply: ({ fields, parameters }) => {
      const image = vit(parameters, model, fields.patches)
      const text = bert(parameters, model, fields.tokens, fields.tokenMask)
      return {
        fields: {
          imageStates: image,
          textStates: text,
          imageEmbedding: project<["batch"]>(parameters, "vision_proj", clsToken(image)),
          textEmbedding: project<["batch"]>(parameters, "text_proj", clsToken(text)),
          patchEmbedding: project<["batch", "patches"]>(parameters, "vision_proj", patchTokens(image)),
          tokenEmbedding: project<["batch", "tokens"]>(parameters, "text_proj", text)
        }
      }
    }
  })

/** The second view of the image, which has no text. */
const secondView = (model: Model) =>
  part({
    reads: { secondPatches: patches },
    adds: { secondImage: image },
    parameters: (sizes) => vitSpecs(model, sizes),
    apply: ({ fields, parameters }) => ({ fields: { secondImage: vit(parameters, model, fields.secondPatches) } })
  })

/** The image with some patches hidden behind the mask token. */
const maskedImage = (model: Model) =>
  part({
    reads: { patches, imageMask: tensor("bool", "batch", "patches") },
    adds: { maskedImage: image },
    parameters: (sizes) => ({ ...vitSpecs(model, sizes), ...maskTokenSpecs(model) }),
    apply: ({ fields, parameters }) => ({
      fields: { maskedImage: vit(parameters, model, fields.patches, fields.imageMask) }
    })
  })

/** The text with some words hidden. */
const maskedText = (model: Model) =>
  part({
    reads: { maskedTokens: tensor("int32", "batch", "tokens"), tokenMask },
    adds: { maskedText: text },
    parameters: () => bertSpecs(model),
    apply: ({ fields, parameters }) => ({
      fields: { maskedText: bert(parameters, model, fields.maskedTokens, fields.tokenMask) }
    })
  })

/** What an encoder may be run on, by name. */
export const passes = { whole, secondView, maskedImage, maskedText }
export type Passes = { readonly [N in keyof typeof passes]: ReturnType<(typeof passes)[N]> }
