import { type Layout, setOf } from "./layout.ts"

/** Returns the message for a pipeline without a teacher whose weights could be used; undefined where it has one. */
export const teacherFault = (pipeline: string, layout: Pick<Layout, "sets">): string | undefined =>
  setOf(layout, "teacher")
    ? undefined
    : `${pipeline} has no teacher: no stage of it runs with momentum; take the student's weights`
