using System.Globalization;
using CsCheck;

namespace Blobs.Tests.Testing;

/// <summary>Runs a check on generated cases. They are the same in every run. <c>BLOBS_PROPERTY_RUNS</c> multiplies
/// their number.</summary>
internal static class Cases
{
    private static int Factor => int.TryParse(
        Environment.GetEnvironmentVariable("BLOBS_PROPERTY_RUNS"), CultureInfo.InvariantCulture, out int factor) ? factor : 1;

    /// <summary>Calls <paramref name="check"/> for each case. Its exceptions are wrapped with the number of the
    /// case.</summary>
    public static async Task AllAsync<T>(Gen<T> gen, int count, Func<T, Task> check)
    {
        for (int number = 0; number < count * Factor; number++)
        {
            // Each case has its own random stream, so that its draws do not affect other cases.
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
