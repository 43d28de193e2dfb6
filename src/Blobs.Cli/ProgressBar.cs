using System.Diagnostics;
using System.Globalization;
using Blobs.Pipeline;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Blobs.Cli;

/// <summary>
/// A live line on stderr: share done, bytes in and out, entries, rate, time left when the size is known. Shown only where
/// stderr is a terminal; elsewhere the work runs without a word.
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

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var latest = new Latest();
        T? result = default;
        await console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn { Width = 24 },
                new StatusColumn(latest, totalBytes))
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(what), maxValue: totalBytes ?? 1);
                task.IsIndeterminate = totalBytes is null;
                latest.Changed = progress => task.Value = totalBytes is null ? 0 : Math.Min(progress.CompressedBytes, totalBytes.Value);
                result = await work(latest).ConfigureAwait(false);
            }).ConfigureAwait(false);
        return result!;
    }

    /// <summary>Keeps the newest figures; the screen asks for them when it draws.</summary>
    private sealed class Latest : IProgress<LayerProgress>
    {
        private readonly Lock _lock = new();
        private LayerProgress _value;

        public Action<LayerProgress>? Changed { get; set; }

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

            Changed?.Invoke(value);
        }
    }

    private sealed class StatusColumn(Latest latest, long? totalBytes) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            LayerProgress now = latest.Value;
            TimeSpan elapsed = latest.Clock.Elapsed;
            string size = $"{Bytes.Show(now.CompressedBytes)} → {Bytes.Show(now.UncompressedBytes)}";
            string entries = string.Create(CultureInfo.InvariantCulture, $"{now.EntryCount:N0} entries");
            string text = $"{size}  {entries}  {Bytes.Rate(now.UncompressedBytes, elapsed)}";
            if (totalBytes is { } total && now.CompressedBytes > 0)
            {
                double left = elapsed.TotalSeconds * (total - now.CompressedBytes) / now.CompressedBytes;
                text += string.Create(CultureInfo.InvariantCulture, $"  {Math.Max(0, Math.Ceiling(left)):f0} s left");
            }

            return new Text(text);
        }
    }
}
