using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop.Corpus;

/// <summary>One file of the corpus and what other programs made of it.</summary>
internal sealed record CorpusCase(string Name, string Path, string Kind, IReadOnlyDictionary<string, string> Verdicts)
{
    private static readonly string[] Readers = ["gnu_tar", "bsdtar", "go_tar", "py_tarfile", "tar_split_roundtrip"];

    public bool IsArchive => Kind.StartsWith("tar", StringComparison.Ordinal);

    /// <summary>Whether every other reader takes it; null when they differ or were never asked.</summary>
    public bool? Accepted
    {
        get
        {
            bool?[] said = [.. Readers.Select(Verdict)];
            return said.All(verdict => verdict == true) ? true : said.All(verdict => verdict == false) ? false : null;
        }
    }

    /// <summary>Whether the reference decoder refuses it; null when there is none.</summary>
    public bool? Decodable
    {
        get
        {
            string said = Verdicts.GetValueOrDefault("decoder_ref", "-");
            bool good = said.Contains("rc=0", StringComparison.Ordinal) || said.EndsWith(" ok", StringComparison.Ordinal);
            return said == "-" ? null : good && !said.Contains("err", StringComparison.Ordinal);
        }
    }

    /// <summary>What one reader says: true takes it, false refuses it, null nothing or no answer in time.</summary>
    public bool? Verdict(string reader)
    {
        string said = Verdicts.GetValueOrDefault(reader, string.Empty);
        return said.Length == 0 || said.Contains("timeout", StringComparison.Ordinal)
            ? null
            : said.StartsWith("rc=0", StringComparison.Ordinal)
                || said.StartsWith("ok", StringComparison.Ordinal)
                || said == "stream=same";
    }

    /// <summary>The archive without its compression.</summary>
    public async Task<byte[]> ArchiveAsync() => Kind switch
    {
        "tar" => await File.ReadAllBytesAsync(Path),
        "targz" => LayerFiles.Gunzip(Path),
        "tarzst" => (await new Command(Oracle.Need("zstd"), "-dc", Path).SucceedAsync()).Output,
        _ => throw new InvalidOperationException($"{Name} is no archive"),
    };
}
