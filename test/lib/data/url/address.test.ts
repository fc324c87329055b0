import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { addressProblem } from "../../../../lib/data/url/address.ts"
import { seed } from "../../../seed.ts"

/** The other ways to write an IPv4 address into an IPv6 one. */
const disguises = (v4: string): readonly string[] => {
  const [a, b, c, d] = v4.split(".").map(Number) as [number, number, number, number]
  const pair = (high: number, low: number) => ((high << 8) | low).toString(16)
  const tail = `${pair(a, b)}:${pair(c, d)}`
  return [
    `::ffff:${v4}`,
    `::ffff:${tail}`,
    `::${tail}`,
    `::ffff:0:${tail}`,
    `64:ff9b::${tail}`,
    `2002:${tail}::`,
    `64:ff9b:1::${tail}`
  ]
}

const local = [
  "0.0.0.0",
  "10.0.0.1",
  "100.64.0.1",
  "127.0.0.1",
  "127.8.8.8",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.1",
  "192.168.1.1",
  "198.18.0.1",
  "203.0.113.9",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255"
]

describe("addressProblem", () => {
  it("lets public addresses through", () => {
    for (const address of ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
      assert.isUndefined(addressProblem(address), address)
  })

  it("refuses private, local, reserved and multicast ones, also when IPv6 disguises them", () => {
    for (const v4 of local) for (const address of [v4, ...disguises(v4)]) assert.isString(addressProblem(address), address)
    for (const v6 of [
      "::",
      "::1",
      "fe80::1",
      "fe80::1%eth0",
      "fc00::1",
      "fd00::1",
      "fec0::1",
      "ff02::1",
      "2001::1",
      "2001:db8::1"
    ])
      assert.isString(addressProblem(v6), v6)
  })

  it("takes no other spelling for an address", () => {
    for (const text of ["", "localhost", "127.1", "0177.0.0.1", "2130706433", "0x7f000001", "8.8.8.8 ", "[::1]"])
      assert.strictEqual(addressProblem(text), "no address", text)
  })

  it("lets those of the ranges through that are allowed by hand, and no others", () => {
    assert.isUndefined(addressProblem("127.0.0.1", ["127.0.0.1/32"]))
    assert.isUndefined(addressProblem("::1", ["127.0.0.0/8", "::1/128"]))
    assert.strictEqual(addressProblem("127.0.0.2", ["127.0.0.1/32"]), "loopback")
    assert.strictEqual(addressProblem("::1", ["127.0.0.0/8"]), "loopback")
  })

  it("answers for every address and disguise of it alike: never more public in IPv6 than in IPv4", () => {
    fc.assert(
      fc.property(fc.ipV4(), (v4) => {
        const plain = addressProblem(v4)
        for (const address of disguises(v4)) if (addressProblem(address) === undefined) assert.isUndefined(plain, address)
      }),
      { seed, numRuns: 500 }
    )
  })
})
