using System.Runtime.CompilerServices;

namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>Two of a kind: hosts, collectors.</summary>
[InlineArray(2)]
internal struct Two<T>
    where T : unmanaged
{
    private T _first;
}
