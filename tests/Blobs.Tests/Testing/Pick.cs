using CsCheck;

namespace Blobs.Tests.Testing;

/// <summary>Generates one of a few values.</summary>
internal static class Pick
{
    public static Gen<T> From<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
