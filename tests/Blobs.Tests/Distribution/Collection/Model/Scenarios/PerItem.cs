using System.Runtime.CompilerServices;

namespace Blobs.Tests.Distribution.Collection.Model.Scenarios;

/// <summary>Something that each item of a scenario has.</summary>
[InlineArray(4)]
internal struct PerItem<T>
    where T : unmanaged
{
    private T _first;
}
