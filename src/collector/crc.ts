/** Polynomials over GF(2) modulo that of CRC-32, bit-reversed as the checksum is: the highest bit is x⁰. */
const modulus = 0xedb8_8320
const one = 0x8000_0000
const xToThe8th = 0x0080_0000

const multiply = (a: number, b: number): number => {
  let [product, shifted] = [0, b]
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ modulus
  }
  return product >>> 0
}

/** What so many zero bytes after a text do to its checksum, as a factor. */
export const shiftOf = (length: number): number => {
  let [shift, square] = [one, xToThe8th]
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(shift, square)
    square = multiply(square, square)
  }
  return shift
}

/** CRC-32 of two texts in a row, from those of each and the `shiftOf` the second's length. */
export const combineCrc = (first: number, second: number, shift: number): number =>
  (multiply(first, shift) ^ second) >>> 0
