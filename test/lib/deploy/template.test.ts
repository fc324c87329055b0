import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import type { Statement, Value } from "../../../lib/deploy/cloudformation.ts"
import { deployDefaults } from "../../../lib/deploy/options.ts"
import { deployTemplate } from "../../../lib/deploy/template.ts"
import { captured } from "../cli/captured.ts"
import { tinyCli } from "../cli/tiny-cli.ts"

const { Resources, Parameters } = deployTemplate({ ...deployDefaults, prefix: "team/pipelines" })
type Fields = { readonly [name: string]: Value }
const properties = (name: string) => Resources[name]!.Properties
const fields = (value: Value | undefined) => value as Fields

const statementsOf = (name: string): readonly Statement[] => {
  const { PolicyDocument } = properties(name)
  return fields(PolicyDocument)["Statement"] as unknown as readonly Statement[] // policy() made it of those
}

describe("the template", () => {
  it("has two queues whose dead letters stay 14 days, longer than the queues' own messages", () => {
    for (const [queue, dead] of [
      ["HostQueue", "HostDeadLetters"],
      ["GpuQueue", "GpuDeadLetters"]
    ] as const) {
      assert.deepStrictEqual(properties(queue)["RedrivePolicy"], {
        deadLetterTargetArn: { "Fn::GetAtt": [dead, "Arn"] },
        maxReceiveCount: 20
      })
      assert.strictEqual(properties(dead)["MessageRetentionPeriod"], 1_209_600)
      assert.isBelow(Number(properties(queue)["MessageRetentionPeriod"]), 1_209_600)
      for (const each of [queue, dead]) assert.isTrue(properties(each)["SqsManagedSseEnabled"])
    }
  })

  it("hides host messages for six times the function's time-out, and has failures of a batch told apart", () => {
    const { Timeout, ImageConfig } = properties("HostFunction")
    assert.isAtLeast(Number(properties("HostQueue")["VisibilityTimeout"]), 6 * Number(Timeout))
    const command = fields(ImageConfig)["Command"] as readonly Value[]
    assert.isBelow(Number(command[command.indexOf("--job-limit") + 1]), Number(Timeout))
    const { FunctionResponseTypes, ScalingConfig } = properties("HostEvents")
    assert.deepStrictEqual(FunctionResponseTypes, ["ReportBatchItemFailures"])
    assert.deepStrictEqual(ScalingConfig, { MaximumConcurrency: { Ref: "MaxHosts" } })
  })

  it("keeps what is stored for longer than any message lives, encrypted and away from the public", () => {
    const { BucketEncryption, PublicAccessBlockConfiguration, LifecycleConfiguration } = properties("Bucket")
    assert.isDefined(BucketEncryption)
    assert.deepStrictEqual([...new Set(Object.values(fields(PublicAccessBlockConfiguration)))], [true])
    const rules = fields(LifecycleConfiguration)["Rules"] as readonly Fields[]
    assert.isTrue(rules.some((rule) => fields(rule["AbortIncompleteMultipartUpload"])?.["DaysAfterInitiation"] === 1))
    assert.isTrue(rules.some((rule) => rule["Prefix"] === "team/pipelines/"))
    const seconds = Number(properties("GpuQueue")["MessageRetentionPeriod"]) + 1_209_600
    assert.isAbove(Number(Parameters["KeepDays"]?.MinValue) * 86_400, seconds)
  })

  it("gives roles their prefix and their queues: no star for a resource, no listing beyond the prefix, no deleting by workers", () => {
    const objects = { "Fn::Sub": `\${Bucket.Arn}/team/pipelines/*` }
    for (const name of ["WorkerPolicy", "HostPolicy", "SubmitterPolicy"])
      for (const { Effect: effect, Action, Resource, Condition } of statementsOf(name)) {
        assert.strictEqual(effect, "Allow")
        assert.notInclude(JSON.stringify(Resource), '"*"')
        for (const action of Action) {
          if (/^s3:(Get|Put|Delete)Object$|^s3:Abort/.test(action)) assert.deepStrictEqual(Resource, objects)
          if (action === "s3:ListBucket") assert.deepStrictEqual(Condition, { StringLike: { "s3:prefix": "team/pipelines/*" } })
          if (name !== "SubmitterPolicy") assert.notMatch(action, /^s3:Delete/)
          assert.notMatch(action, /^\*|:\*$/)
        }
      }
  })

  it("replaces nothing in the store, and listens to nobody without TLS", () => {
    const [tls, conditional] = statementsOf("BucketRules")
    assert.deepStrictEqual(tls?.Condition, { Bool: { "aws:SecureTransport": "false" } })
    assert.deepStrictEqual(conditional?.Condition, {
      Null: { "s3:if-none-match": "true" },
      Bool: { "s3:ObjectCreationOperation": "true" }
    })
    assert.deepStrictEqual(statementsOf("QueuesOverTls")[0]?.Condition, { Bool: { "aws:SecureTransport": "false" } })
  })

  it("starts workers from none, on demand first and then Spot, as users without rights", () => {
    assert.strictEqual(properties("Machines")["MinSize"], "0")
    const { InstancesDistribution, LaunchTemplate } = fields(properties("Machines")["MixedInstancesPolicy"])
    assert.deepInclude(fields(InstancesDistribution), {
      OnDemandBaseCapacity: { Ref: "OnDemandBase" },
      OnDemandPercentageAboveBaseCapacity: 0
    })
    assert.lengthOf(fields(LaunchTemplate)["Overrides"] as readonly Value[], deployDefaults.instanceTypes.length)
    assert.deepInclude(properties("WorkerCount"), { MinCapacity: 0, MaxCapacity: { Ref: "MaxWorkers" } })
    const [container] = properties("Worker")["ContainerDefinitions"] as readonly Fields[]
    assert.deepInclude(container, { User: "10001:10001", ReadonlyRootFilesystem: true })
  })

  it("lets its owner choose how workers multiply", () => {
    assert.deepInclude(Parameters["Compute"], { Default: "float32", AllowedValues: ["float32", "bfloat16", "autocast"] })
    const [container] = properties("Worker")["ContainerDefinitions"] as readonly Fields[]
    assert.deepInclude(container!["Environment"], { Name: "SEMMIM_COMPUTE", Value: { Ref: "Compute" } })
  })

  it("names nothing that is not in it", () => {
    const names = new Set([...Object.keys(Resources), ...Object.keys(Parameters)])
    const text = JSON.stringify(Resources)
    const named = [
      ...text.matchAll(/"Ref":"([^"]+)"/g),
      ...text.matchAll(/"Fn::GetAtt":\["([^"]+)"/g),
      ...text.matchAll(/\$\{(\w[^}.]*)[}.]/g)
    ]
    assert.isAbove(named.length, 50)
    for (const [, name] of named) assert.isTrue(name!.startsWith("AWS::") || names.has(name!), name)
  })
})

describe("semmim deploy", () => {
  const run = (...argv: readonly string[]) => Effect.provide(captured(tinyCli, "deploy", ...argv), NodeServices.layer)

  it.live("prints the template as JSON, small enough to be given to CloudFormation as it is", () =>
    Effect.gen(function* () {
      const { text } = yield* run("--print", "--prefix", "a/b", "--instance-types", "g5.xlarge,g6.xlarge")
      const options = { prefix: "a/b", instanceTypes: ["g5.xlarge", "g6.xlarge"] }
      assert.deepEqual(JSON.parse(text), deployTemplate(options))
      assert.isBelow(text.length, 51_200)
    })
  )

  it.live("refuses what a policy would read otherwise, in one line", () =>
    Effect.gen(function* () {
      for (const argv of [
        [],
        ["--print", "--prefix", "*"],
        ["--print", "--prefix", "a/*"],
        ["--print", "--prefix", "{AWS::Region}"],
        ["--print", "--prefix", ""],
        ["--print", "--prefix", "a/"],
        ["--print", "--prefix", "../a"],
        ["--print", "--instance-types", ""],
        ["--print", "--instance-types", "g5.xlarge,"]
      ]) {
        const { exit } = yield* run(...argv)
        assert.isTrue(Exit.isFailure(exit), argv.join(" "))
        const { line, status } = Exit.isFailure(exit) ? reportOf(exit.cause, false) : { line: "", status: 0 }
        assert.strictEqual(status, 2, line)
        assert.notInclude(line, "\n")
      }
    })
  )
})
