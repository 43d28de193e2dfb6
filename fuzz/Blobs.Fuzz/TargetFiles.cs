using System.Text.RegularExpressions;

namespace Blobs.Fuzz;

/// <summary>The files of a target: corpus, dictionary and findings.</summary>
internal sealed partial class TargetFiles(string folder, string target)
{
    private string CorpusFolder => Path.Combine(folder, "corpora", target);

    public IEnumerable<byte[]> Corpus() => Directory.Exists(CorpusFolder)
        ? Directory.GetFiles(CorpusFolder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
        : [];

    /// <summary>Reads a dictionary in AFL's format: lines of <c>name="value"</c>, with <c>\xNN</c> for bytes.</summary>
    public IReadOnlyList<byte[]> Dictionary()
    {
        string path = Path.Combine(folder, "dictionaries", $"{target}.dict");
        return !File.Exists(path) ? [] :
        [
            .. File.ReadAllLines(path).Select(line => Entry().Match(line)).Where(match => match.Success)
                .Select(match => Bytes(match.Groups[1].Value)),
        ];
    }

    public string KeepFinding(string name, byte[] input)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "findings", target)).FullName, name);
        File.WriteAllBytes(path, input);
        return path;
    }

    public void Replace(IEnumerable<byte[]> corpus)
    {
        byte[][] inputs = [.. corpus];
        if (Directory.Exists(CorpusFolder))
        {
            Directory.Delete(CorpusFolder, recursive: true);
        }

        Directory.CreateDirectory(CorpusFolder);
        for (int i = 0; i < inputs.Length; i++)
        {
            File.WriteAllBytes(Path.Combine(CorpusFolder, $"{i:d4}"), inputs[i]);
        }
    }

    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
            }
            else if (text[i + 1] == 'x')
            {
                bytes.Add(Convert.ToByte(text[(i + 2)..(i + 4)], 16));
                i += 3;
            }
            else
            {
                bytes.Add((byte)text[++i]);
            }
        }

        return [.. bytes];
    }

    [GeneratedRegex("^[^#\"]*\"(.*)\"\\s*$")]
    private static partial Regex Entry();
}
