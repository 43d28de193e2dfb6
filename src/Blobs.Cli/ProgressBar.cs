using System.Diagnostics;
using System.Globalization;
using Blobs.Pipeline;
using Spectre.Console;

namespace Blobs.Cli;

/// <summary>
/// A live progress line on stderr: share done, bytes in and out, rate, time left when the size is known, entries.
/// Shown only when stderr
/// is a terminal.
/// </summary>
internal static class ProgressBar
{
    public static async Task<T> RunAsync<T>(
        bool isQuiet, string what, long? totalBytes, Func<IProgress<LayerProgress>?, Task<T>> work)
    {
        if (isQuiet || Console.IsErrorRedirected)
        {
            return await work(null).ConfigureAwait(false);
        }

        IAnsiConsole console = TextBar.Console();
        var latest = new Latest();
        T? result = default;
        await console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(TextBar.Column((_, width) => Say(what, latest, totalBytes, width)))
            .StartAsync(async context =>
            {
                context.AddTask(Markup.Escape(what), maxValue: 1);
                result = await work(latest).ConfigureAwait(false);
            }).ConfigureAwait(false);
        return result!;
    }

    private static string Say(string what, Latest latest, long? totalBytes, int width)
    {
        LayerProgress now = latest.Value;
        TimeSpan elapsed = latest.Clock.Elapsed;
        var figures = new List<string>
        {
            $"{Bytes.Show(now.CompressedBytes)} → {Bytes.Show(now.UncompressedBytes)}",
            Bytes.Rate(now.UncompressedBytes, elapsed),
        };
        if (totalBytes is { } total && now.CompressedBytes > 0)
        {
            double left = elapsed.TotalSeconds * (total - now.CompressedBytes) / now.CompressedBytes;
            figures.Add(string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, Math.Ceiling(left)):f0} s left"));
        }

        figures.Add(string.Create(CultureInfo.InvariantCulture, $"{now.EntryCount:N0} entries"));
        double? share = totalBytes is > 0 and var all ? (double)now.CompressedBytes / all : null;
        return TextBar.Line(width, what, share, figures);
    }

    /// <summary>Holds the latest report; the display reads it when it draws.</summary>
    private sealed class Latest : IProgress<LayerProgress>
    {
        private readonly Lock _lock = new();
        private LayerProgress _value;

        public Stopwatch Clock { get; } = Stopwatch.StartNew();

        public LayerProgress Value
        {
            get
            {
                lock (_lock)
                {
                    return _value;
                }
            }
        }

        public void Report(LayerProgress value)
        {
            lock (_lock)
            {
                _value = value;
            }
        }
    }
}
