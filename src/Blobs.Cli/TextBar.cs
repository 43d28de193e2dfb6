using Spectre.Console;
using Spectre.Console.Rendering;

namespace Blobs.Cli;

/// <summary>A progress bar drawn in characters, as docker does: it needs no colour.</summary>
internal static class TextBar
{
    private const int Gap = 2;
    private const int WidthMin = 8;
    private const int WidthMax = 26;

    /// <summary>A console on stderr, which must be a terminal; the other streams need not be.</summary>
    public static IAnsiConsole Console() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(System.Console.Error),
        Interactive = InteractionSupport.Yes,
    });

    /// <summary>A line that fits the width: the head, a bar, and as many of the figures as there is room for.</summary>
    /// <param name="width">Width of the terminal in columns.</param>
    /// <param name="head">The line's subject; cut when it leaves no room for the first figure.</param>
    /// <param name="share">The share done, 0 to 1; null when unknown, which leaves out the bar.</param>
    /// <param name="figures">The figures after the bar, the most important first.</param>
    public static string Line(int width, string head, double? share, params IEnumerable<string> figures)
    {
        string tail = "";
        string[] all = [.. figures];
        if (all is [var first, ..] && head.Length + Gap + first.Length > width)
        {
            // On a narrow terminal, the sizes are worth more than the words before them.
            int left = Math.Max(0, width - Gap - first.Length - 1);
            head = left < head.Length ? $"{head[..left].TrimEnd(' ', ':')}…" : head;
        }

        foreach (string figure in all)
        {
            string longer = $"{tail}  {figure}";
            if (head.Length + longer.Length > width)
            {
                break;
            }

            tail = longer;
        }

        int room = Math.Min(WidthMax, width - head.Length - tail.Length - 1);
        string bar = share is { } done && room >= WidthMin ? $" {Draw(done, room)}" : "";
        string line = head + bar + tail;
        return line.Length <= width ? line : $"{line[..Math.Max(0, width - 1)]}…";
    }

    /// <summary>A column that takes the whole line; <paramref name="say"/> renders a task in a given width.</summary>
    public static ProgressColumn Column(Func<ProgressTask, int, string> say) => new LineColumn(say);

    /// <summary>The bar alone.</summary>
    public static string Draw(double share, int width)
    {
        int inside = width - 2;
        int filled = (int)(Math.Clamp(share, 0, 1) * inside);
        string head = filled == 0 || filled == inside ? "" : ">";
        return $"[{new string('=', filled - head.Length)}{head}{new string(' ', inside - filled)}]";
    }

    private sealed class LineColumn(Func<ProgressTask, int, string> say) : ProgressColumn
    {
        protected override bool NoWrap => true;

        // Leave the terminal's last column free: some terminals wrap there.
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(say(task, options.ConsoleSize.Width - 1)) { Overflow = Overflow.Crop };
    }
}
