import { parentPort } from "node:worker_threads"
import { imageLoaders } from "../../lib/data/image-loaders.ts"

// A thread that does nothing but make sure of the image loaders.
imageLoaders()
parentPort?.postMessage("ready")
