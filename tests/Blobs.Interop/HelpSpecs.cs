namespace Blobs.Interop;

/// <summary>What the command says about itself.</summary>
public sealed class HelpSpecs
{
    private const int Columns = 80;

    [Fact]
    public async Task Every_verb_stands_once_in_one_group_of_the_help()
    {
        string[] listed = [.. (await HelpAsync()).TakeWhile(line => line != "Options:")
            .SkipWhile(line => line != "Move images:").Where(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Select(line => line.Trim().Split(' ')[0])];
        Assert.Equal(listed, listed.Distinct());
        Assert.Equal((await VerbsAsync()).Order(), listed.Order());
    }

    [Fact]
    public async Task Every_line_of_the_help_fits_eighty_columns() =>
        Assert.All(await HelpAsync(), line => Assert.True(line.Length <= Columns, line));

    [Fact]
    public async Task Every_verb_has_a_help_with_examples()
    {
        foreach (string verb in await VerbsAsync())
        {
            CommandResult help = await BlobsCommand.With("help", verb).SucceedAsync();
            Assert.Contains($"Usage:\n  blobs {verb}", help.Text, StringComparison.Ordinal);
            Assert.Contains("\nExamples:\n  ", help.Text, StringComparison.Ordinal);
        }

        string pull = (await BlobsCommand.With("help", "pull").SucceedAsync()).Text;
        Assert.Equal((await BlobsCommand.With("pull", "--help").SucceedAsync()).Text, pull);
    }

    [Theory]
    [InlineData("nosuch", "help: there is no verb 'nosuch'; the verbs are ")]
    [InlineData("imags", "help: there is no verb 'imags'; did you mean 'images'?")]
    [InlineData("layer exprt", "help: there is no verb 'exprt'; did you mean 'export'?")]
    [InlineData("pull more", "help: there is no verb 'more'; 'pull' has none")]
    public async Task Help_of_no_verb_is_wrong_usage(string words, string said)
    {
        CommandResult result = (await BlobsCommand.RunAsync(["help", .. words.Split(' ')])).Expect(2);
        Assert.StartsWith($"blobs: {said}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_the_same_in_words_as_an_option_and_in_JSON()
    {
        string version = (await BlobsCommand.With("--version").SucceedAsync()).Text;
        Assert.Equal(version, (await BlobsCommand.With("version").SucceedAsync()).Text);
        CommandResult json = await BlobsCommand.With("version", "--json").SucceedAsync();
        Assert.Contains($"\"version\": \"{version.TrimEnd()}\"", json.Text, StringComparison.Ordinal);
    }

    private static async Task<string[]> HelpAsync() => (await BlobsCommand.With("--help").SucceedAsync()).Text.Split('\n');

    // The verbs as the parser knows them, without aliases: it names all of them when a word is none.
    private static async Task<string[]> VerbsAsync()
    {
        CommandResult result = (await BlobsCommand.RunAsync("help", "nosuchverb")).Expect(2);
        string[] verbs = result.Error.Split('\n')[0].Split("the verbs are ")[1].Split(", ");
        return [.. verbs.Except(["unmount"])];
    }
}
