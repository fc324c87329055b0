import type { Credit } from "../data/source.ts"
import { type RecallRow, rankingSentences, recallRows } from "../task/retrieval/recall-rows.ts"
import type { Retrieval } from "../task/retrieval/retrieval.ts"
import type { ModelConfig } from "./model-config.ts"

/** What a model card says. */
export interface CardData {
  readonly name: string
  readonly config: ModelConfig
  readonly parameters: number
  /** What it was trained on, as `--data` names it. */
  readonly data: string
  readonly credits: readonly Credit[]
  readonly evaluation: { readonly data: string; readonly retrieval: Retrieval } | undefined
  /** Names and shapes of the ONNX models' inputs and outputs, one line each. */
  readonly onnx: readonly string[]
}

const percent = (value: number): string => value.toFixed(1)

const metrics = ({ evaluation }: CardData): string => {
  if (!evaluation) return "Not evaluated yet.\n"
  const { data, retrieval } = evaluation
  const { images, texts } = retrieval
  const row = ({ name, recalls: r }: RecallRow): string =>
    `| ${[name, ...[r.tr1, r.tr5, r.tr10, r.ir1, r.ir5, r.ir10].map(percent)].join(" | ")} |`
  const sentences = rankingSentences(retrieval).map((sentence) => `\n- ${sentence}`)
  return `Retrieval among ${images} images and ${texts} texts of \`${data}\`, recall in percent:

| | text @1 | @5 | @10 | image @1 | @5 | @10 |
|---|---|---|---|---|---|---|
${recallRows(retrieval).map(row).join("\n")}
${sentences.join("")}${sentences.length > 0 ? "\n" : ""}`
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

/** README.md of an exported model. */
export const modelCard = (card: CardData): string => {
  const { name, config, parameters, data, credits, onnx } = card
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

${metrics(card)}
## How to load it

\`\`\`sh
npx semmim evaluate retrieval --model DIR
npx semmim embed --model DIR SOURCE --out embeddings.safetensors
\`\`\`

${transformers(card)}The ONNX models under \`onnx/\` are of opset 20 (ONNX Runtime 1.17 or later) and take any number of samples at a time where they
say \`batch\`; images are normalised as the pipeline in config.json says:

${onnx.map((line) => `- ${line}\n`).join("")}
Weights are safetensors. Biases of key projections and embeddings of token types, which this model does not have, are zeros.
`
}
