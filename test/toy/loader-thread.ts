import { parentPort } from "node:worker_threads"
import { pictureLoaders } from "../../lib/data/picture-loaders.ts"

// A thread that does nothing but make sure of the picture loaders.
pictureLoaders()
parentPort?.postMessage("ready")
