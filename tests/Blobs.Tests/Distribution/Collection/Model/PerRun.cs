using System.Runtime.CompilerServices;

namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>Something that each run of the collector has, from run 1 on.</summary>
[InlineArray(Most)]
internal struct PerRun<T>
    where T : unmanaged
{
    public const int Most = 3;

    private T _first;
}
