import { main } from "../../lib/cli/main.ts"
import { toyCli } from "./cli.ts"

main(toyCli)
