/** Any value of a CloudFormation template. */
export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value }

/** A parameter that is given when the stack is created. */
export interface Parameter {
  readonly Type: "String" | "Number" | "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
  readonly Description: string
  readonly Default?: string | number
  readonly MinValue?: number
  readonly MaxValue?: number
  readonly AllowedPattern?: string
  readonly AllowedValues?: readonly string[]
}

export interface Resource {
  readonly Type: `AWS::${string}`
  readonly Properties: { readonly [name: string]: Value }
  readonly DependsOn?: string | readonly string[]
  readonly DeletionPolicy?: "Retain"
  readonly UpdateReplacePolicy?: "Retain"
}

export interface Output {
  readonly Description: string
  readonly Value: Value
}

/** A group of resources that belong together, with their parameters and outputs. */
export interface Part {
  readonly Parameters?: { readonly [name: string]: Parameter }
  readonly Resources: { readonly [name: string]: Resource }
  readonly Outputs?: { readonly [name: string]: Output }
}

/** A statement of a policy. */
export interface Statement {
  readonly Sid?: string
  readonly Effect: "Allow" | "Deny"
  readonly Principal?: Value
  readonly Action: readonly string[]
  readonly Resource: Value
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: Value } }
}

/** Reference to a parameter's value, or to a resource's name: a queue's URL, a bucket's or a role's name. */
export const ref = (name: string): Value => ({ Ref: name })

/** Reference to an attribute of a resource, such as its Arn. */
export const attribute = (name: string, of: string): Value => ({ "Fn::GetAtt": [name, of] })

/** Text with `{Name}` and `{Name.Attribute}` filled in. */
export const text = (template: string): Value => ({ "Fn::Sub": template.replaceAll("{", "${") })

/** Document of a policy. */
export const policy = (statements: readonly Statement[]): Value => ({
  Version: "2012-10-17",
  Statement: statements.map((statement) => ({ ...statement }))
})

/** Trust policy of a role that one AWS service may assume. */
export const assumedBy = (service: string): Value => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }]
})
