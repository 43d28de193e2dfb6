using System.Diagnostics;
using Spectre.Console;

namespace Blobs.Cli;

/// <summary>A live line on stderr while a store is verified: bytes read, and rate. Shown only on a terminal.</summary>
internal static class VerifyProgress
{
    public static async Task<T> RunAsync<T>(bool isQuiet, Func<IProgress<long>?, Task<T>> work)
    {
        if (isQuiet || Console.IsErrorRedirected)
        {
            return await work(null).ConfigureAwait(false);
        }

        IAnsiConsole console = TextBar.Console();
        T? result = default;
        await console.Status().StartAsync(
            "verify",
            async context => result = await work(new Shown(context)).ConfigureAwait(false)).ConfigureAwait(false);
        return result!;
    }

    private sealed class Shown(StatusContext context) : IProgress<long>
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly Lock _lock = new();
        private TimeSpan _latest;

        public void Report(long value)
        {
            TimeSpan now = _clock.Elapsed;
            lock (_lock)
            {
                if (now - _latest < Pause)
                {
                    return;
                }

                _latest = now;
            }

            context.Status = $"verify  {Bytes.Show(value)}  {Bytes.Rate(value, now)}";
        }
    }
}
