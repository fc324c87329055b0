// Parts that setup-tensorflow.mjs installs: exact versions, and digests to check them by.

/** Packages with the binding's sources, by device. */
export const binding = {
  cpu: {
    name: "@tensorflow/tfjs-node",
    version: "4.22.0",
    integrity: "sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w=="
  },
  gpu: {
    name: "@tensorflow/tfjs-node-gpu",
    version: "4.22.0",
    integrity: "sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw=="
  }
}

/** Headers of Node-API, which are the same for every Node. */
export const nodeHeaders = {
  name: "node-api-headers",
  version: "1.5.0",
  integrity: "sha512-Yi/FgnN8IU/Cd6KeLxyHkylBUvDTsSScT0Tna2zTrz8klmc8qF2ppj6Q1LHsmOueJWhigQwR4cO2p0XBGW5IaQ=="
}

/** TensorFlow's wheels, by device. */
export const wheels = {
  cpu: {
    name: "tensorflow-cpu",
    version: "2.21.0",
    file: "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
    size: "274 MB, 860 MB unpacked"
  },
  gpu: {
    name: "tensorflow",
    version: "2.21.0",
    file: "tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
    size: "about 3 GB with CUDA, 6 GB unpacked"
  }
}

/** CUDA packages of TensorFlow for GPUs, as its extra `and-cuda` lists them. */
export const nvidia = [
  { name: "nvidia-cublas-cu12", version: "12.9.3.13", sha256: "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72" },
  { name: "nvidia-cuda-cupti-cu12", version: "12.8.90", sha256: "ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182" },
  { name: "nvidia-cuda-nvcc-cu12", version: "12.9.86", sha256: "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0" },
  { name: "nvidia-cuda-nvrtc-cu12", version: "12.9.86", sha256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4" },
  { name: "nvidia-cuda-runtime-cu12", version: "12.9.79", sha256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3" },
  { name: "nvidia-cudnn-cu12", version: "9.28.0.42", sha256: "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375" },
  { name: "nvidia-cufft-cu12", version: "11.4.1.4", sha256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28" },
  { name: "nvidia-curand-cu12", version: "10.3.10.19", sha256: "49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e" },
  { name: "nvidia-cusolver-cu12", version: "11.7.5.82", sha256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88" },
  { name: "nvidia-cusparse-cu12", version: "12.5.10.65", sha256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78" },
  { name: "nvidia-nccl-cu12", version: "2.32.3", sha256: "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c" },
  { name: "nvidia-nvjitlink-cu12", version: "12.9.86", sha256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9" }
]

/** Libraries of CUDA that TensorFlow opens, and the folder of each below nvidia/. */
export const cudaLibraries = [
  ["cuda_runtime", "libcudart.so.12"],
  ["cublas", "libcublasLt.so.12"],
  ["cublas", "libcublas.so.12"],
  ["nvjitlink", "libnvJitLink.so.12"],
  ["cusparse", "libcusparse.so.12"],
  ["cusolver", "libcusolver.so.11"],
  ["cufft", "libcufft.so.11"],
  ["cuda_nvrtc", "libnvrtc.so.12"],
  ["cudnn", "libcudnn.so.9"],
  ["nccl", "libnccl.so.2"],
  ["cuda_cupti", "libcupti.so.12"]
]

/** Parts of TensorFlow's headers that are needed. */
export const headers = ["tensorflow/c/", "tensorflow/core/platform/", "tsl/platform/", "xla/tsl/c/"]
