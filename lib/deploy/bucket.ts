import { attribute, type Part, policy, ref, text } from "./cloudformation.ts"

/**
 * The bucket: encrypted, private, over TLS only, kept when the stack is deleted. Objects under the prefix expire after KeepDays,
 * which is longer than the lifetime of any message (7 days, and 14 among dead letters), so that no message outlives the objects
 * it refers to.
 */
export const bucket = (prefix: string): Part => ({
  Parameters: {
    KeepDays: {
      Type: "Number",
      Description: "Days after which submissions and their results are deleted",
      Default: 90,
      MinValue: 30,
      MaxValue: 3650
    }
  },
  Resources: {
    Bucket: {
      Type: "AWS::S3::Bucket",
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }]
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
        LifecycleConfiguration: {
          Rules: [
            { Id: "expire", Status: "Enabled", Prefix: `${prefix}/`, ExpirationInDays: ref("KeepDays") },
            { Id: "abort-uploads", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }
          ]
        }
      }
    },
    BucketRules: {
      Type: "AWS::S3::BucketPolicy",
      Properties: {
        Bucket: ref("Bucket"),
        PolicyDocument: policy([
          {
            Sid: "OverTls",
            Effect: "Deny",
            Principal: "*",
            Action: ["s3:*"],
            Resource: [attribute("Bucket", "Arn"), text("{Bucket.Arn}/*")],
            Condition: { Bool: { "aws:SecureTransport": "false" } }
          },
          // The first committed output wins, for any client: no put without If-None-Match.
          {
            Sid: "NothingIsReplaced",
            Effect: "Deny",
            Principal: "*",
            Action: ["s3:PutObject"],
            Resource: text(`{Bucket.Arn}/${prefix}/*`),
            Condition: { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } }
          }
        ])
      }
    }
  },
  Outputs: {
    Store: { Description: "For submit, status, redrive and cancel: --store", Value: text(`s3://{Bucket}/${prefix}`) }
  }
})
