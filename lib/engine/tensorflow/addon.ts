/** A TensorFlow tensor, as the addon describes it. */
export interface AddonTensor {
  readonly id: number
  readonly shape: readonly number[]
  readonly dtype: number
}

/** The part of the native addon of @tensorflow/tfjs-node(-gpu) 4.22 that is used (its binding/tfjs_binding.cc). */
export interface Addon {
  readonly TF_Version: string
  readonly createTensor: (shape: readonly number[], dtype: number, numbers: Float32Array | Int32Array | Uint8Array) => number
  readonly deleteTensor: (id: number) => void
  readonly tensorDataSync: (id: number) => Float32Array | Int32Array | Uint8Array
  readonly loadSavedModel: (folder: string, tags: string) => number
  readonly deleteSavedModel: (id: number) => void
  /** Tensors are named `node:output`, separated by commas. */
  readonly runSavedModel: (
    id: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string
  ) => readonly AddonTensor[]
  readonly isUsingGpuDevice: () => boolean
}

/** Loads the addon's file; throws the system loader's error. */
export const loadAddon = (file: string): Addon => {
  const module = { exports: {} }
  process.dlopen(module, file)
  return module.exports as Addon
}
