import { isIP } from "node:net"
import ipaddr from "ipaddr.js"

type Address = ReturnType<typeof ipaddr.process>

const within = (address: Address, range: string): boolean => {
  const [base, bits] = ipaddr.parseCIDR(range)
  return address.kind() === base.kind() && address.match([base, bits])
}

/** All addresses assigned as public IPv6. Outside it are disguised IPv4 addresses (`::7f00:1` is 127.0.0.1 to some systems). */
const publicIpv6 = "2000::/3"

/**
 * Returns the reason against connecting to an IP address: the name of its range (private, loopback, linkLocal, uniqueLocal,
 * reserved, 6to4 …), or undefined for a public unicast one and one of the ranges `alsoAllowed` (CIDR). An IPv4 address mapped
 * into IPv6 is treated as the IPv4 address.
 */
export const addressProblem = (text: string, alsoAllowed: readonly string[] = []): string | undefined => {
  // A zone names an interface of this machine: such addresses are local whatever their range.
  if (isIP(text) === 0 || text.includes("%")) return "no address"
  const address = ipaddr.process(text)
  if (alsoAllowed.some((range) => within(address, range))) return undefined
  const range = address.range()
  if (range !== "unicast") return range
  return address.kind() === "ipv6" && !within(address, publicIpv6) ? "reserved" : undefined
}
