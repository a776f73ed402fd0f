/** The message types of ICMP by Cilium's names. Source: CIL-api icmp.go, FACTS A4.3. */
type Types = Readonly<Record<string, number>>;

const v4: Types = {
  EchoReply: 0,
  DestinationUnreachable: 3,
  Redirect: 5,
  Echo: 8,
  EchoRequest: 8,
  RouterAdvertisement: 9,
  RouterSelection: 10,
  TimeExceeded: 11,
  ParameterProblem: 12,
  Timestamp: 13,
  TimestampReply: 14,
  Photuris: 40,
  ExtendedEchoRequest: 42,
  ExtendedEchoReply: 43,
};

const v6: Types = {
  DestinationUnreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
  MulticastListenerQuery: 130,
  MulticastListenerReport: 131,
  MulticastListenerDone: 132,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighborSolicitation: 135,
  NeighborAdvertisement: 136,
  RedirectMessage: 137,
  RouterRenumbering: 138,
  ICMPNodeInformationQuery: 139,
  ICMPNodeInformationResponse: 140,
  InverseNeighborDiscoverySolicitation: 141,
  InverseNeighborDiscoveryAdvertisement: 142,
  HomeAgentAddressDiscoveryRequest: 144,
  HomeAgentAddressDiscoveryReply: 145,
  MobilePrefixSolicitation: 146,
  MobilePrefixAdvertisement: 147,
  DuplicateAddressRequestCodeSuffix: 157,
  DuplicateAddressConfirmationCodeSuffix: 158,
  ExtendedEchoRequest: 160,
  ExtendedEchoReply: 161,
};

export type IcmpFamily = 'IPv4' | 'IPv6';

/** The names that a family knows. */
export function icmpNames(family: IcmpFamily): readonly string[] {
  return Object.keys(family === 'IPv4' ? v4 : v6);
}

/** A type's number from how it is written: a number from 0 to 255, also as text, or a name. */
export function icmpType(family: IcmpFamily, written: unknown): number | undefined {
  const types = family === 'IPv4' ? v4 : v6;
  if (typeof written === 'string' && Object.hasOwn(types, written)) return types[written];
  const digits = typeof written === 'number' || (typeof written === 'string' && /^(0|[1-9][0-9]{0,2})$/.test(written));
  const number = digits ? Number(written) : Number.NaN;
  return Number.isInteger(number) && number >= 0 && number <= 255 ? number : undefined;
}
