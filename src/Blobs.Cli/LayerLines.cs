using System.Collections.Concurrent;
using Blobs.Transfer;
using Spectre.Console;

namespace Blobs.Cli;

/// <summary>
/// What becomes of each layer, on stderr: on a terminal one live bar a layer, elsewhere one line when it is done. Nothing when
/// asked to be quiet.
/// </summary>
internal static class LayerLines
{
    private const int ShortLength = 12;

    public static async Task<T> RunAsync<T>(
        bool isQuiet, LayerWords words, Func<IProgress<TransferProgress>?, Task<T>> work)
    {
        if (isQuiet)
        {
            return await work(null).ConfigureAwait(false);
        }

        if (Console.IsErrorRedirected)
        {
            return await work(new Lines(words)).ConfigureAwait(false);
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        T? result = default;
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = 24 }, new DownloadedColumn())
            .StartAsync(async context => result = await work(new Bars(context, words)).ConfigureAwait(false)).ConfigureAwait(false);
        return result!;
    }

    // Twelve digits of a DiffID, or of the folder that an archive keeps the layer in.
    private static string Shorten(string layer)
    {
        string text = layer.StartsWith("sha256:", StringComparison.Ordinal) ? layer["sha256:".Length..] : layer;
        text = text.StartsWith("blobs/sha256/", StringComparison.Ordinal) ? text["blobs/sha256/".Length..] : text;
        return text[..Math.Min(ShortLength, text.Length)];
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

    private sealed class Bars(ProgressContext context, LayerWords words) : IProgress<TransferProgress>
    {
        private readonly ConcurrentDictionary<string, Lazy<ProgressTask>> _tasks = new();

        public void Report(TransferProgress value)
        {
            ProgressTask task = _tasks.GetOrAdd(
                value.Layer, layer => new Lazy<ProgressTask>(() => context.AddTask(Describe(value), maxValue: 1))).Value;
            task.Description = Describe(value);
            task.MaxValue = Math.Max(1, value.TotalBytes ?? value.Bytes);
            task.IsIndeterminate = value.TotalBytes is null && value.Step is TransferStep.Reading or TransferStep.Spooling;
            task.Value = value.Step is TransferStep.Exists or TransferStep.Skipped or TransferStep.Mounted or TransferStep.Done
                ? task.MaxValue : value.Bytes;
        }

        private string Describe(TransferProgress value) => Markup.Escape($"{Shorten(value.Layer)}: {Say(value, words)}");
    }
}
