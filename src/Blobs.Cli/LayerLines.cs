using System.Collections.Concurrent;
using Blobs.Transfer;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Blobs.Cli;

/// <summary>
/// One line a layer on stderr: live bars on a terminal, otherwise a line of text whenever a layer begins or ends.
/// </summary>
internal static class LayerLines
{
    public static async Task<T> RunAsync<T>(
        bool isQuiet, LayerWords words, Func<IProgress<TransferProgress>?, Task<T>> work)
    {
        if (isQuiet)
        {
            return await work(null).ConfigureAwait(false);
        }

        if (Console.IsErrorRedirected)
        {
            return await work(new Plain(words)).ConfigureAwait(false);
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        T? result = default;
        await console.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new BytesColumn())
            .StartAsync(async context => result = await work(new Live(context, words)).ConfigureAwait(false))
            .ConfigureAwait(false);
        return result!;
    }

    private static string Describe(TransferProgress progress, LayerWords words) =>
        $"{progress.Layer.Hex[..12]}: {words.Of(progress.Step)}";

    private sealed class Plain(LayerWords words) : IProgress<TransferProgress>
    {
        private readonly ConcurrentDictionary<int, TransferStep> _steps = new();

        public void Report(TransferProgress value)
        {
            bool isNew = !_steps.TryGetValue(value.Index, out TransferStep known) || known != value.Step;
            if (isNew)
            {
                _steps[value.Index] = value.Step;
                string bytes = value.Step == TransferStep.Done ? $" ({Bytes.Show(value.Bytes)})" : "";
                Console.Error.WriteLine(Describe(value, words) + bytes);
            }
        }
    }

    private sealed class Live(ProgressContext context, LayerWords words) : IProgress<TransferProgress>
    {
        private readonly ConcurrentDictionary<int, ProgressTask> _tasks = new();

        public void Report(TransferProgress value)
        {
            ProgressTask task = _tasks.GetOrAdd(value.Index, _ => context.AddTask(""));
            bool isOver = value.Step != TransferStep.Reading;
            long total = value.TotalBytes ?? value.Bytes;
            task.Description = Markup.Escape(Describe(value, words));
            task.MaxValue = Math.Max(1, total);
            task.IsIndeterminate = !isOver && value.TotalBytes is null;
            task.Value = isOver ? task.MaxValue : Math.Min(value.Bytes, task.MaxValue);
        }
    }

    private sealed class BytesColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        // A layer that was not read has nothing to count.
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(
            task.IsFinished ? Bytes.Show((long)task.MaxValue) : $"{Bytes.Show((long)task.Value)} / {Bytes.Show((long)task.MaxValue)}");
    }
}
