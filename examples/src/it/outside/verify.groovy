def printed = new File(basedir, 'target/quickstart.txt').text
assert printed.contains('codes taken [')
assert printed.contains('codebook    [[')
return true
