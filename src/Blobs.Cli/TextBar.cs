using Spectre.Console;
using Spectre.Console.Rendering;

namespace Blobs.Cli;

/// <summary>A progress bar of letters, as docker draws it: how far it is shows without any colour.</summary>
internal static class TextBar
{
    private const int WidthMin = 8;
    private const int WidthMax = 26;

    /// <summary>The terminal that stderr is, whatever the other streams are.</summary>
    public static IAnsiConsole Console() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(System.Console.Error),
        Interactive = InteractionSupport.Yes,
    });

    /// <summary>A line that fits: the head, a bar if there is room for one, and as many of the figures as there is room for.</summary>
    /// <param name="width">Columns there are.</param>
    /// <param name="head">What the line is about; cut when even that is too long.</param>
    /// <param name="share">How much is done, from 0 to 1; null when nobody knows, and there is no bar.</param>
    /// <param name="figures">What stands behind the bar, the most important first.</param>
    public static string Line(int width, string head, double? share, params IEnumerable<string> figures)
    {
        string tail = "";
        foreach (string figure in figures)
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

    /// <summary>A column that is the whole line: what a task has to say in so many columns.</summary>
    public static ProgressColumn Column(Func<ProgressTask, int, string> say) => new LineColumn(say);

    private static string Draw(double share, int width)
    {
        int inside = width - 2;
        int filled = (int)(Math.Clamp(share, 0, 1) * inside);
        string head = filled == 0 || filled == inside ? "" : ">";
        return $"[{new string('=', filled - head.Length)}{head}{new string(' ', inside - filled)}]";
    }

    private sealed class LineColumn(Func<ProgressTask, int, string> say) : ProgressColumn
    {
        protected override bool NoWrap => true;

        // The last column of a terminal is left alone: some begin a new line there.
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(say(task, options.ConsoleSize.Width - 1)) { Overflow = Overflow.Crop };
    }
}
