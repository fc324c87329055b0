import { parentPort } from "node:worker_threads"

// A worker that stops at the first request, or throws at the second kind of it.
parentPort!.on("message", ({ request }: { readonly request: { readonly kind: string } }) => {
  if (request.kind === "usage") process.exit(3)
  throw new Error("out of luck")
})
