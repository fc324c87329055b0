import type { Credit } from "../data/source.ts"
import type { ModelConfig } from "./model-config.ts"

/** Content of a model card. */
export interface CardData {
  readonly name: string
  readonly config: ModelConfig
  readonly parameters: number
  /** Name of its training data, as in `--data`. */
  readonly data: string
  readonly credits: readonly Credit[]
  /** Metrics of each task, in Markdown. */
  readonly measured: readonly string[]
  /** Names of its pipeline's tasks. */
  readonly tasks: readonly string[]
  /** Names and shapes of the ONNX models' inputs and outputs, one line each; none without such models. */
  readonly onnx: readonly string[]
}

const transformers = ({ config }: CardData): string =>
  config.vision_config && config.text_config
    ? `The encoders are Hugging Face's ViT and BERT (without poolers):

\`\`\`python
import json
from transformers import BertConfig, BertModel, ViTConfig, ViTModel

config = json.load(open("DIR/config.json"))
image = ViTModel.from_pretrained("DIR", config=ViTConfig(**config["vision_config"]), add_pooling_layer=False)
text = BertModel.from_pretrained("DIR", config=BertConfig(**config["text_config"]), add_pooling_layer=False)
\`\`\`

`
    : ""

const onnxText = (onnx: readonly string[]): string =>
  onnx.length === 0
    ? ""
    : `The ONNX models under \`onnx/\` are of opset 20 (ONNX Runtime 1.17 or later) and take any number of samples at a time where they
say \`batch\`; images are normalised as the pipeline in config.json says:

${onnx.map((line) => `- ${line}\n`).join("")}
`

/** Renders README.md of an exported model. */
export const modelCard = (card: CardData): string => {
  const { name, config, parameters, data, credits, measured, tasks, onnx } = card
  const trained = config.step === null ? "" : ` after ${config.step} steps`
  return `---
library_name: semmim
pipeline_tag: zero-shot-image-classification
tags: [vision-language, masked-image-modelling, image-text-retrieval]
---

# ${name}

A vision-language model pre-trained with semmim: the ${config.weights}'s weights${trained}, ${parameters.toLocaleString("en")} parameters.

## Data

Trained on \`${data}\`.${credits.length > 0 ? " It is made of work of others:" : ""}

${credits.map(({ name, author, licence, url }) => `- [${name}](${url}) by ${author}, ${licence}\n`).join("")}
## Metrics

${measured.length === 0 ? "Not evaluated yet.\n" : measured.join("\n")}
## How to load it

\`\`\`sh
${tasks.map((task) => `npx semmim evaluate ${task} --model DIR\n`).join("")}${onnx.length > 0 ? "npx semmim embed --model DIR SOURCE --out embeddings.safetensors\n" : ""}\`\`\`

${transformers(card)}${onnxText(onnx)}Weights are safetensors. Biases of key projections and embeddings of token types, which this model does not have, are zeros.
`
}
