/** Encodes an unsigned number as a protobuf varint. */
const varint = (value: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return bytes
}

/** Encodes a field that holds bytes: a text, or a message. */
const bytesField = (field: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]), content])

const textField = (field: number, text: string): Uint8Array => bytesField(field, new TextEncoder().encode(text))

const countField = (field: number, value: number): Uint8Array => Uint8Array.from([...varint(field * 8), ...varint(value)])

const doubleField = (field: number, value: number): Uint8Array => {
  const out = Buffer.alloc(9)
  out[0] = field * 8 + 1
  out.writeDoubleLE(value, 1)
  return out
}

const floatField = (field: number, value: number): Uint8Array => {
  const out = Buffer.alloc(5)
  out[0] = field * 8 + 5
  out.writeFloatLE(value, 1)
  return out
}

/** Time and step of an observation. */
export interface Moment {
  /** Seconds since 1970. */
  readonly wallTime: number
  /** Integer ≥ 0. */
  readonly step: number
}

const event = ({ wallTime, step }: Moment, values: ReadonlyArray<Uint8Array>): Uint8Array =>
  Buffer.concat([
    doubleField(1, wallTime),
    countField(2, step),
    bytesField(5, Buffer.concat(values.map((value) => bytesField(1, value))))
  ])

/**
 * Encodes an Event of tensorflow/core/util/event.proto, with field numbers written by hand: numbers by tag at a step, rounded to
 * float32, in one Summary.
 */
export const scalarEvent = (moment: Moment, scalars: Readonly<Record<string, number>>): Uint8Array =>
  event(
    moment,
    Object.entries(scalars).map(([tag, value]) => Buffer.concat([textField(1, tag), floatField(2, value)]))
  )

const stringType = 7

/** Encodes an Event with a text (Markdown) under a tag, as TensorBoard's text plugin reads it: a string tensor of shape [1]. */
export const textEvent = (moment: Moment, tag: string, text: string): Uint8Array => {
  const shape = bytesField(2, bytesField(2, countField(1, 1)))
  const tensor = Buffer.concat([countField(1, stringType), shape, textField(8, text)])
  const metadata = bytesField(1, textField(1, "text"))
  return event(moment, [Buffer.concat([textField(1, tag), bytesField(8, tensor), bytesField(9, metadata)])])
}

/** Encodes the Event that begins a file of events. */
export const versionEvent = (wallTime: number): Uint8Array =>
  Buffer.concat([doubleField(1, wallTime), textField(3, "brain.Event:2")])

const sessionStart = 1

/**
 * Encodes an Event on which TensorBoard discards everything that it has read of its step and later ones: the session begins
 * there, perhaps again.
 */
export const startEvent = ({ wallTime, step }: Moment): Uint8Array =>
  Buffer.concat([doubleField(1, wallTime), countField(2, step), bytesField(7, countField(1, sessionStart))])
