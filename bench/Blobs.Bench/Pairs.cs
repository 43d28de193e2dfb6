using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Blobs.Bench;

/// <summary>Claims whose methods take turns, so that what the machine does meanwhile meets them alike: one CSV line a run.</summary>
internal static class Pairs
{
    private const int Rounds = 7;

    // The first rounds are the compiler's, which works beside them: so many at least, and for so long.
    private const int WarmUps = 3;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(4);

    /// <param name="label">What was measured with, for the first column.</param>
    /// <param name="names">Of classes, without their ending.</param>
    public static void Run(string label, IReadOnlyCollection<string> names)
    {
        foreach (Type type in Claims.Types.Where(type => names.Contains(type.Name.Replace("Bench", "", StringComparison.Ordinal))))
        {
            IClaim claim = Claims.Make(type);
            var warmUp = Stopwatch.StartNew();
            for (int round = 0; round < WarmUps || warmUp.Elapsed < WarmUpTime; round++)
            {
                Claims.Methods(type).ToList().ForEach(method => Claims.Check(claim, method));
            }

            for (int round = 0; round < Rounds; round++)
            {
                foreach (MethodInfo method in Claims.Methods(type))
                {
                    long start = Stopwatch.GetTimestamp();
                    string check = Claims.Check(claim, method);
                    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    BenchmarkAttribute told = method.GetCustomAttribute<BenchmarkAttribute>()!;
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{label},{type.Name},{told.Description},{told.Baseline},{round},{claim.Bytes},{seconds:F6},\"{check}\""));
                }
            }

            (claim as IDisposable)?.Dispose();
        }
    }
}
