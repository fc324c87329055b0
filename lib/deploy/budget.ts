import { type Part, ref, type Value } from "./cloudformation.ts"

const tell = (NotificationType: "ACTUAL" | "FORECASTED", Threshold: number): Value => ({
  Notification: { NotificationType, ComparisonOperator: "GREATER_THAN", Threshold, ThresholdType: "PERCENTAGE" },
  Subscribers: [{ SubscriptionType: "EMAIL", Address: ref("BudgetEmail") }]
})

/**
 * Sends mail when a month's costs of the whole account approach the budget. A budget by tags would not report until the tags are
 * activated by hand.
 */
export const budget: Part = {
  Parameters: {
    BudgetDollars: { Type: "Number", Description: "What the account may cost a month, in US dollars", Default: 100, MinValue: 1 },
    BudgetEmail: { Type: "String", Description: "Who is told when it nears that", AllowedPattern: "[^@\\s]+@[^@\\s]+" }
  },
  Resources: {
    Budget: {
      Type: "AWS::Budgets::Budget",
      Properties: {
        Budget: {
          BudgetType: "COST",
          TimeUnit: "MONTHLY",
          BudgetLimit: { Amount: ref("BudgetDollars"), Unit: "USD" }
        },
        NotificationsWithSubscribers: [tell("ACTUAL", 80), tell("ACTUAL", 100), tell("FORECASTED", 100)]
      }
    }
  }
}
