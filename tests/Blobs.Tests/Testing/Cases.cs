using System.Globalization;
using CsCheck;

namespace Blobs.Tests.Testing;

/// <summary>What a generator gives: the same in every run, as many as a test wants, or <c>BLOBS_PROPERTY_RUNS</c> times that.</summary>
internal static class Cases
{
    private static int Factor => int.TryParse(
        Environment.GetEnvironmentVariable("BLOBS_PROPERTY_RUNS"), CultureInfo.InvariantCulture, out int factor) ? factor : 1;

    /// <summary>Calls <paramref name="check"/> for each; what it throws says which one it was.</summary>
    public static async Task AllAsync<T>(Gen<T> gen, int count, Func<T, Task> check)
    {
        for (int number = 0; number < count * Factor; number++)
        {
            // A stream of its own for each: what one case draws changes no other.
            T value = gen.Generate(new PCG((uint)number, 20_26), null, out _);
            try
            {
                await check(value);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"case {number}: {fault.Message}", fault);
            }
        }
    }
}
