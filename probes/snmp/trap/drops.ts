/** Why a datagram did not become an observation. The only names that are counted, whatever comes. */
export const drops = {
  stranger: 'from an address of no device in the plan',
  sourceRate: 'more from one device than are looked at',
  totalRate: 'more from all devices than are looked at',
  flood: 'seconds in which nothing was read, since too much came',
  tooLong: 'longer than any trap',
  malformed: 'no SNMP v2c or v3, or no trap or inform',
  community: 'another community than the device’s',
  credential: 'the agent has no such credential, or none of SNMP',
  ambiguous: 'several devices have this address and credential',
  user: 'another user than the device’s',
  level: 'neither authenticated nor encrypted',
  engine: 'of an SNMPv3 engine that is not known to be the device’s',
  digest: 'not made with the key of the device’s user',
  time: 'outside the time window: late, or repeated by somebody',
  decryption: 'does not decrypt',
  discovery: 'asks who our engine is, before an inform',
  repeated: 'had come already',
  notKept: 'the spool did not take it',
} as const
export type Drop = keyof typeof drops

/** Of what belongs to the protocol nothing is lost. */
export const isLoss = (reason: Drop): boolean => reason !== 'discovery' && reason !== 'repeated'
