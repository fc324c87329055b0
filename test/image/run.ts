// Builds the image's CPU variant with buildah and runs `semmim doctor` and a submission in it, not as root: npm run test:image
// Needs root, buildah and mmdebstrap (Debian: apt install buildah mmdebstrap). SEMMIM_IMAGE_TENSORFLOW=none leaves TensorFlow out.
import { bases } from "./bases.ts"
import { authorityMounts, buildah, root } from "./buildah.ts"
import { checkImage } from "./check.ts"

const tensorflow = process.env["SEMMIM_IMAGE_TENSORFLOW"] ?? "cpu"
const image = "localhost/semmim-test"
const { base, node } = bases()
const settings = [`BASE=${base}`, `NODE=${node}`, `TENSORFLOW=${tensorflow}`].flatMap((pair) => ["--build-arg", pair])
// Docker's format, for OCI's has no health check.
const how = ["--format", "docker", "--layers=false", "--quiet", "--tag", image]
buildah("building", "build", ...how, ...settings, ...authorityMounts(), root)

try {
  checkImage(image, tensorflow)
} finally {
  // Gigabytes, made anew each time; the bases are kept.
  buildah("removing the image", "rmi", image)
}
process.stdout.write("image: passed\n")
