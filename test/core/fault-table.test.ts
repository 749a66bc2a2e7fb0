import { once } from 'node:events'
import { expect, test } from 'vitest'
import { deadlineWithin } from '../../src/core/deadline.ts'
import { endedBy, faultOf } from '../../src/core/fault-table.ts'

const coded = (code: string, message = code, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code })

const live = new AbortController().signal

test.each([
  ['ECONNREFUSED', 'down', 'refused'],
  ['EHOSTUNREACH', 'down', 'unreachable'],
  ['ETIMEDOUT', 'down', 'timeout'],
  ['ENOTFOUND', 'down', 'unresolved'],
  ['EAI_AGAIN', 'unknown', 'resolver'],
  ['EAI_FAIL', 'unknown', 'resolver'],
  ['EMFILE', 'unknown', 'resource'],
  ['EINVAL', 'unknown', 'resource'],
  ['EPERM', 'unknown', 'permission'],
  ['EBADMSG', 'down', 'protocol'],
  ['HPE_INVALID_CONSTANT', 'down', 'protocol'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'down', 'tls'],
  ['ERR_OSSL_ASN1_WRONG_TAG', 'down', 'tls'],
])('%s is %s: %s', (code, status, cause) => {
  expect(faultOf(coded(code), live)).toMatchObject({ status, cause, detail: code })
  const wrapped = new Error('what we were about', { cause: coded(code) })
  expect(faultOf(wrapped, live)).toMatchObject({ status, cause, detail: 'what we were about' })
})

test('of several attempts, the one that reached a host speaks', () => {
  const attempts = [coded('ECONNREFUSED', 'refused by 192.0.2.1'), coded('ENETUNREACH', 'no route')]
  for (const errors of [attempts, attempts.toReversed()])
    expect(faultOf(new AggregateError(errors), live)).toMatchObject({
      cause: 'refused',
      detail: 'refused by 192.0.2.1',
    })
  const nowhere = new AggregateError([coded('EHOSTUNREACH'), coded('ENETUNREACH')])
  expect(faultOf(nowhere, live)).toMatchObject({ cause: 'unreachable', detail: 'ENETUNREACH' })
})

test('the caller’s own signal is unknown: cancelled, whatever the error', () => {
  expect(faultOf(coded('ECONNREFUSED'), AbortSignal.abort())).toMatchObject({ cause: 'cancelled' })
})

test.each([
  ['connect', 'connect EACCES 2001:db8::1:80', 'unreachable'],
  ['recvmsg', 'recvmsg EACCES', 'unreachable'],
  ['connect', 'connect EACCES 2001:db8::1:80 - Local (:::0)', 'permission'],
  ['send', 'send EACCES 192.0.2.255:80', 'permission'],
])('EACCES of %s, %s: %s', (syscall, message, cause) => {
  expect(faultOf(Object.assign(coded('EACCES', message), { syscall }), live)).toMatchObject({ cause })
})

test('OpenSSL is quoted by its reason, without thread ids and source lines', () => {
  const error = coded(
    'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REQUIRED',
    '40DD:error:0A00045C:SSL routines:x.c:918\n',
  )
  expect(faultOf(Object.assign(error, { reason: 'tlsv13 alert certificate required' }), live)).toMatchObject({
    cause: 'tls',
    detail: 'TLS: tlsv13 alert certificate required',
  })
})

test('a deadline speaks for whatever error it made, the resolver for itself', async () => {
  using deadline = deadlineWithin(live, 0.001)
  await once(deadline.signal, 'abort')
  expect(faultOf(endedBy(coded('ECONNRESET'), deadline), live)).toMatchObject({ cause: 'timeout' })
  expect(faultOf(endedBy(coded('EAI_AGAIN'), deadline), live)).toMatchObject({ cause: 'resolver' })
})

test.each([new TypeError('a bug'), coded('E_NO_SUCH_CODE'), 'a string', undefined])(
  '%s is a bug',
  (error) => {
    expect(faultOf(error, live)).toBeUndefined()
  },
)
