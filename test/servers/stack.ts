import type { Template } from "../../lib/deploy/template.ts"

/** Credentials as the environment gives them to AWS's clients. */
export interface Credentials {
  readonly AWS_ACCESS_KEY_ID: string
  readonly AWS_SECRET_ACCESS_KEY: string
  readonly AWS_SESSION_TOKEN: string
}

const versions = { cloudformation: "2010-05-15", iam: "2010-05-08", sts: "2011-06-15" } as const

/** Asks moto by AWS's query protocol, unsigned: it reads the service from the header, and keeps to no role yet. */
const ask = async (endpoint: string, service: keyof typeof versions, parameters: Record<string, string>): Promise<string> => {
  const credential = `Credential=none/20260101/us-east-1/${service}/aws4_request`
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Version: versions[service], ...parameters })
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`moto: ${parameters["Action"]}: ${text.slice(0, 500)}`)
  return text
}

const all = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, value]) => value!)

/** Kinds of resources that moto makes from a template and that this is about, or that those name. */
const made = /^AWS::(SQS|S3|IAM|Logs)::|^AWS::ECS::Cluster$/

/** The part of a template that moto makes: its resources of SQS, S3 and IAM, and what those refer to. */
const forMoto = ({ Outputs: _, ...template }: Template): string => {
  const Resources = Object.fromEntries(Object.entries(template.Resources).filter(([, { Type }]) => made.test(Type)))
  const named = JSON.stringify(Resources)
  const Parameters = Object.fromEntries(
    Object.entries(template.Parameters).filter(([name]) => named.includes(`{"Ref":"${name}"}`))
  )
  return JSON.stringify({ ...template, Parameters, Resources })
}

/** Creates a stack of the part that moto knows; gives what each resource is called there, by its name in the template. */
export const createStack = async (endpoint: string, name: string, template: Template): Promise<ReadonlyMap<string, string>> => {
  await ask(endpoint, "cloudformation", {
    Action: "CreateStack",
    StackName: name,
    "Capabilities.member.1": "CAPABILITY_IAM",
    TemplateBody: forMoto(template)
  })
  const xml = await ask(endpoint, "cloudformation", { Action: "DescribeStackResources", StackName: name })
  const physical = all(xml, "PhysicalResourceId")
  return new Map(all(xml, "LogicalResourceId").map((logical, i) => [logical, physical[i]!]))
}

/** Makes a role that has a managed policy and nothing else. */
export const roleWith = async (endpoint: string, RoleName: string, PolicyArn: string): Promise<string> => {
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [] })
  await ask(endpoint, "iam", { Action: "CreateRole", RoleName, AssumeRolePolicyDocument })
  await ask(endpoint, "iam", { Action: "AttachRolePolicy", RoleName, PolicyArn })
  return RoleName
}

/** Lets a role ask for URLs of queues by their names, whichever: moto cannot tell which queue that question is about. */
export const allowFinding = async (endpoint: string, role: string): Promise<void> => {
  const statement = { Effect: "Allow", Action: "sqs:GetQueueUrl", Resource: "*" }
  await ask(endpoint, "iam", {
    Action: "PutRolePolicy",
    RoleName: role,
    PolicyName: "find",
    PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] })
  })
}

/** Credentials of a role, as a service of AWS hands them to what runs there. */
export const assume = async (endpoint: string, role: string): Promise<Credentials> => {
  const RoleArn = `arn:aws:iam::123456789012:role/${role}`
  const xml = await ask(endpoint, "sts", { Action: "AssumeRole", RoleArn, RoleSessionName: "test" })
  const one = (name: string) => all(xml, name)[0] ?? ""
  return {
    AWS_ACCESS_KEY_ID: one("AccessKeyId"),
    AWS_SECRET_ACCESS_KEY: one("SecretAccessKey"),
    AWS_SESSION_TOKEN: one("SessionToken")
  }
}

/** From now on moto checks every signature, and every request against the policies of who signed it. */
export const enforceRoles = async (endpoint: string): Promise<void> => {
  const answer = await fetch(`${endpoint}/moto-api/reset-auth`, { method: "POST", body: "0" })
  if (!answer.ok) throw new Error(`moto: reset-auth: ${answer.status}`)
}
