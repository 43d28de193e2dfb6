using System.Collections.Concurrent;
using Blobs.Hashing.Internal;
using Blobs.Images;
using Spectre.Console;

namespace Blobs.Cli;

/// <summary>
/// Shows the progress of each layer on stderr: on a terminal one live line per layer, elsewhere one line when the
/// layer is done. Shows nothing with <c>--quiet</c>.
/// </summary>
internal static class LayerProgressLines
{
    /// <param name="isQuiet">Whether to show nothing.</param>
    /// <param name="words">The words for the steps.</param>
    /// <param name="work">The work.</param>
    /// <param name="clears">Whether the lines are removed at the end, so that only the result stays on the
    /// terminal.</param>
    public static async Task<T> RunAsync<T>(
        bool isQuiet, LayerWords words, Func<IProgress<TransferProgress>?, Task<T>> work, bool clears = false)
    {
        if (isQuiet)
        {
            return await work(null).ConfigureAwait(false);
        }

        if (Console.IsErrorRedirected)
        {
            return await work(new Lines(words)).ConfigureAwait(false);
        }

        IAnsiConsole console = TextBar.Console();
        T? result = default;
        var bars = new Bars(words);
        await console.Progress()
            .AutoClear(clears)
            .Columns(TextBar.Column(bars.Say))
            .StartAsync(async context =>
            {
                bars.Context = context;
                result = await work(bars).ConfigureAwait(false);
            }).ConfigureAwait(false);
        return result!;
    }

    // Twelve digits of a digest, or of the layer's path in an archive.
    private static string Shorten(string layer)
    {
        const string Folder = $"blobs/{DigestText.Sha256}/";
        string text = DigestText.Shorten(layer.StartsWith(Folder, StringComparison.Ordinal) ? layer[Folder.Length..] : layer);

        // Paths come from the archive: keep control characters off the terminal.
        return string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
    }

    private static string Say(TransferProgress progress, LayerWords words) => progress.Step == TransferStep.Done
        ? $"{words.Done}  {Bytes.Show(progress.Bytes)}"
        : words.Of(progress.Step);

    private sealed class Lines(LayerWords words) : IProgress<TransferProgress>
    {
        private readonly ConcurrentDictionary<string, bool> _isSaid = new();

        public void Report(TransferProgress value)
        {
            bool isWorthALine = value.Step != TransferStep.Reading
                && (value.Step != TransferStep.Spooling || _isSaid.TryAdd(value.Layer, true));
            if (isWorthALine)
            {
                Console.Error.WriteLine($"{Shorten(value.Layer)}: {Say(value, words)}");
            }
        }
    }

    private sealed class Bars(LayerWords words) : IProgress<TransferProgress>
    {
        private readonly ConcurrentDictionary<string, Lazy<ProgressTask>> _tasks = new();
        private readonly ConcurrentDictionary<int, TransferProgress> _latest = new();

        public ProgressContext? Context { get; set; }

        public void Report(TransferProgress value)
        {
            // A line shows the latest report of its layer; its task is finished when the layer is.
            ProgressTask task = _tasks.GetOrAdd(
                value.Layer, layer => new Lazy<ProgressTask>(() => Context!.AddTask(Markup.Escape(Shorten(layer)), maxValue: 1))).Value;
            _latest[task.Id] = value;
            task.Value = value.Step is TransferStep.Reading or TransferStep.Spooling ? 0 : 1;
        }

        public string Say(ProgressTask task, int width)
        {
            if (!_latest.TryGetValue(task.Id, out TransferProgress value))
            {
                return "";
            }

            string head = $"{Shorten(value.Layer)}: {words.Of(value.Step)}";
            string moved = Bytes.Show(value.Bytes);
            return value.Step switch
            {
                TransferStep.Reading when value.TotalBytes is > 0 and var total =>
                    TextBar.Line(width, head, (double)value.Bytes / total, $"{moved}/{Bytes.Show(total)}"),
                TransferStep.Reading or TransferStep.Done or TransferStep.Spooling => TextBar.Line(width, head, null, moved),
                _ => TextBar.Line(width, head, null),
            };
        }
    }
}
