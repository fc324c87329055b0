import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { findPipeline } from "../../../../lib/data/host/find-pipeline.ts"
import { pipelineDigest, toData } from "../../../../lib/pipeline/pipeline.ts"
import { toyPipeline, toyTables } from "../../../toy/pipeline.ts"

const file = (name: string) => fileURLToPath(new URL(`../../pipeline/files/${name}`, import.meta.url))
const pipelines = { toy: () => Promise.resolve(toyPipeline()), other: () => Promise.resolve(toyPipeline({ batch: 9 })) }
const find = (name: string) => Effect.map(findPipeline(name, pipelines, toyTables), ({ pipeline }) => pipeline)
const problem = (name: string) => Effect.map(Effect.flip(find(name)), ({ message }) => message)

layer(NodeServices.layer)("findPipeline", (it) => {
  it.effect("finds a pipeline by name, by file, and by its name in a file", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* find("other")).training.batch, 9)
      assert.strictEqual((yield* find(file("one.ts"))).training.batch, 7)
      assert.strictEqual((yield* find(`${file("two.ts")}#large`)).training.batch, 8)
    })
  )

  it.effect("reads a pipeline as JSON, bare or as a run's pipeline.json has it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* fs.makeTempFileScoped({ suffix: ".json" })
      for (const content of [toData(toyPipeline()), { digest: "", pipeline: toData(toyPipeline()) }]) {
        yield* fs.writeFileString(path, JSON.stringify(content))
        assert.strictEqual(pipelineDigest(yield* find(path)), pipelineDigest(toyPipeline()))
      }
      yield* fs.writeFileString(path, "{")
      assert.match(yield* problem(path), /JSON/)
    })
  )

  it.effect("says what there is where there is no such pipeline", () =>
    Effect.gen(function* () {
      const nothing = "there is no pipeline 'toString'; there is other, toy, or give the path of a .ts file"
      assert.strictEqual(yield* problem("toString"), nothing)
      assert.strictEqual(yield* problem("./nowhere.ts"), "there is no file ./nowhere.ts")
      const two = file("two.ts")
      assert.strictEqual(yield* problem(two), `${two} exports several pipelines; choose one by ${two}#NAME: large, small`)
      assert.strictEqual(yield* problem(`${two}#huge`), `${two} exports no pipeline 'huge', only large, small`)
      const toy = file("../../../toy/letters.ts")
      assert.strictEqual(yield* problem(toy), `${toy} exports no pipeline (a value that ends in .train(…))`)
    })
  )

  it.effect("gives the sentence of a pipeline whose stages do not fit", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* problem(file("broken.ts")),
        "chain: weigh reads 'letters' (int32[batch, letters]), which no stage before it adds"
      )
    })
  )
})
