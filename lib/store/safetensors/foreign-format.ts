/** A format of weights other than safetensors: its first bytes, its name, and how to convert it. */
interface Foreign {
  readonly begins: (start: Buffer) => boolean
  readonly what: string
  readonly todo: string
}

const text =
  (...beginnings: readonly string[]) =>
  (start: Buffer): boolean => {
    const head = start.toString("latin1").trimStart().toLowerCase()
    return beginnings.some((beginning) => head.startsWith(beginning))
  }
const bytes =
  (...beginnings: ReadonlyArray<readonly number[]>) =>
  (start: Buffer): boolean =>
    beginnings.some((beginning) => beginning.every((byte, i) => start[i] === byte))

const zip = bytes([0x50, 0x4b, 0x03, 0x04])

/** Conversion command, with PyTorch. Tied weights share memory, which safetensors cannot represent: hence `clone`. */
const convert =
  "save its tensors as safetensors: python -c \"import torch, safetensors.torch as s; s.save_file({k: v.clone().contiguous() for k, v in torch.load('FILE', weights_only=True).items()}, 'model.safetensors')\""
const pickled = `which could run any code when it is read; take the model.safetensors that most models come with, or ${convert}`

const known: readonly Foreign[] = [
  {
    begins: (start) => zip(start) && start.includes(".npy"),
    what: "is a NumPy archive (.npz)",
    todo: "save its arrays as safetensors: safetensors.numpy.save_file"
  },
  { begins: zip, what: "is a PyTorch file (a zip with a pickle inside)", todo: pickled },
  {
    begins: (start) => start[0] === 0x80 && start[1]! >= 2 && start[1]! <= 5,
    what: "is a pickle, as PyTorch wrote before 1.6",
    todo: pickled
  },
  {
    begins: text("version https://git-lfs"),
    what: "is a Git LFS pointer: the file itself was not downloaded",
    todo: "run git lfs pull in its repository"
  },
  {
    begins: text("<!doctype", "<html", "<?xml"),
    what: "is a web page or XML",
    todo: "download the file itself, from a link that ends in its name"
  },
  {
    begins: bytes([0x89, 0x48, 0x44, 0x46]),
    what: "is HDF5, as Keras and TensorFlow write it",
    todo: "take the model's safetensors, or convert it with from_pretrained(…, from_tf=True) and save_pretrained"
  },
  { begins: text("gguf", "ggml", "lmgg"), what: "is GGUF, quantized for llama.cpp", todo: "take the model's safetensors" },
  {
    begins: bytes([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]),
    what: "is a NumPy array (.npy)",
    todo: "save all arrays as one safetensors file: safetensors.numpy.save_file"
  },
  { begins: bytes([0x1f, 0x8b]), what: "is packed with gzip", todo: "unpack it first" },
  {
    begins: (start) => start.toString("latin1", 257, 262) === "ustar",
    what: "is a tar archive",
    todo: "unpack it first"
  },
  // First field of a ModelProto, the version of the format, and the next: its producer, or the graph.
  {
    begins: (start) => start[0] === 0x08 && start[1]! <= 20 && [0x12, 0x1a, 0x3a].includes(start[2]!),
    what: "is an ONNX model",
    todo: "take the safetensors that it was exported from"
  }
]

/** Number of bytes at a file's beginning that identify all formats. */
export const telling = 512

/**
 * Returns the format of a file that is not safetensors, identified by its first bytes, and how to convert it; undefined for an
 * unknown format.
 */
export const foreignFormat = (start: Uint8Array): string | undefined => {
  const found = known.find(({ begins }) => begins(Buffer.from(start)))
  return found && `${found.what}, no safetensors file: ${found.todo}`
}
