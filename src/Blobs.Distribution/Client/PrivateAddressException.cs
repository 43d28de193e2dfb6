using System.Net;

namespace Blobs.Distribution.Client;

/// <summary>A connection that <see cref="AddressGuard"/> refuses; the request that needed it reports it.</summary>
internal sealed class PrivateAddressException(IPAddress address) : Exception($"{address} is not a public address")
{
    public IPAddress Address => address;
}
