using System.Collections.Concurrent;
using Blobs.Interop.Corpus;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>Every archive that other projects kept because it once broke something is given back, or refused in one line.</summary>
public sealed class CorpusSpecs(ITestOutputHelper output)
{
    private const int AtOnce = 2;

    [Fact]
    public async Task Every_file_is_given_back_or_refused_in_one_line()
    {
        if (CorpusFolder.Path is null)
        {
            Assert.Skip("there is no corpus: BLOBS_CORPUS does not name one and none lies beside the repository");
        }

        // Asked for here: below, a skip would look like a file that was not given back.
        Oracle.Need("zstd");

        IReadOnlyList<CorpusCase> cases = CorpusFolder.Cases();
        var results = new ConcurrentBag<CorpusResult>();
        await Parallel.ForEachAsync(
            cases,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (corpusCase, _) => results.Add(await TryAsync(corpusCase)));

        CorpusResult[] ordered = [.. results.OrderBy(result => result.Case.Name, StringComparer.Ordinal)];
        output.WriteLine($"{ordered.Length} files, {ordered.Count(result => result.Accepted)} given back");
        output.WriteLine("other than its nearest oracle:");
        foreach (CorpusResult result in ordered.Where(result => result.Disagrees))
        {
            output.WriteLine(result.ToString());
        }

        string wrong = string.Join('\n', ordered.Where(result => result.Broken is not null || result.StandsAlone));
        Assert.True(wrong.Length == 0, $"\n{wrong}");
    }

    private static async Task<CorpusResult> TryAsync(CorpusCase corpusCase)
    {
        await using var temporary = new TemporaryRoot();
        try
        {
            return corpusCase.IsArchive
                ? await RoundTripAsync(corpusCase, temporary)
                : await IngestAsync(corpusCase, temporary);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return new CorpusResult(corpusCase, Accepted: false, Broken: fault.Message.ReplaceLineEndings(" "));
        }
    }

    private static async Task<CorpusResult> RoundTripAsync(CorpusCase corpusCase, TemporaryRoot temporary)
    {
        byte[] archive = await corpusCase.ArchiveAsync();
        string tar = temporary["archive.tar"];
        await File.WriteAllBytesAsync(tar, archive);
        string recording = temporary["recording.json.gz"];
        CommandResult recorded =
            await BlobsCommand.RunAsync("tar-split", "disasm", "--no-stdout", "--output", recording, tar);
        if (recorded.ExitCode != 0)
        {
            return new CorpusResult(corpusCase, Accepted: false, recorded.ExpectRefusal());
        }

        string tree = temporary.Folder("tree");
        string? uncovered;
        try
        {
            uncovered = PayloadTree.Write(TarSplitStream.Read(recording), archive, tree);
        }
        catch (IOException fault)
        {
            // Content on a directory, a path longer than the system allows: recorded, and nothing to rebuild from.
            return new CorpusResult(corpusCase, Accepted: true, $"recorded only: {fault.Message}");
        }

        if (uncovered is not null)
        {
            return new CorpusResult(corpusCase, Accepted: false, Broken: uncovered);
        }

        string rebuilt = temporary["rebuilt.tar"];
        await BlobsCommand.With("tar-split", "asm", "--input", recording, "--path", tree, "--output", rebuilt).SucceedAsync();
        return Sha256Text.OfFile(rebuilt) == Sha256Text.Of(archive)
            ? new CorpusResult(corpusCase, Accepted: true)
            : new CorpusResult(corpusCase, Accepted: false, Broken: "another archive came back");
    }

    // A compressed stream that holds no archive is refused for one of two reasons; both are one line.
    private static async Task<CorpusResult> IngestAsync(CorpusCase corpusCase, TemporaryRoot temporary)
    {
        CommandResult result = await BlobsCommand.RunAsync("ingest", corpusCase.Path, "--root", temporary["root"], "--json");
        return result.ExitCode == 0
            ? new CorpusResult(corpusCase, Accepted: true)
            : new CorpusResult(corpusCase, Accepted: false, result.ExpectRefusal());
    }
}
